namespace ReactorJobs.Hosting.Bus;

/// <param name="RabbitMq">Where RabbitMQ is, with user, password and virtual host: <c>amqp://user:password@host:5672/vhost</c>; null is the transport within the process.</param>
/// <param name="Name">What this process is called among the broker's connections.</param>
public sealed record BusOptions(Uri? RabbitMq = null, string Name = "reactor");
