using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Scheduler.Migrations;

[DbContext(typeof(SchedulerDb))]
[Migration("0010_data_triggers")]
sealed class DataTriggers : SqlMigration;
