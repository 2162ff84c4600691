return await ReactorJobs.Hosting.Modules.ServiceProgram.Run(new ReactorJobs.Ingress.IngressModule());
