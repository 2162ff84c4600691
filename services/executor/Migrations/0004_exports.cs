using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ReactorJobs.Executor.Database;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Executor.Migrations;

[DbContext(typeof(ExecutorDb))]
[Migration("0004_exports")]
sealed class ExportsMigration : SqlMigration;
