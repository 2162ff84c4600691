using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Scheduler.Migrations;

[DbContext(typeof(SchedulerDb))]
[Migration("0003_schedulers")]
sealed class Schedulers : SqlMigration;
