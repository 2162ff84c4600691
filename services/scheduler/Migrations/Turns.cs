using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Scheduler.Migrations;

[DbContext(typeof(SchedulerDb))]
[Migration("0006_turns")]
sealed class Turns : SqlMigration;
