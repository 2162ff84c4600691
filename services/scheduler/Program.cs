return await ReactorJobs.Hosting.Modules.ServiceProgram.Run(new ReactorJobs.Scheduler.SchedulerModule());
