using MassTransit;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Dispatch;

namespace ReactorJobs.Executor.Slots;

/// <summary>The queue of this start of the executor. It ends with the process: what it held is sent again elsewhere.</summary>
sealed class ExecutorQueue(Guid instance)
{
    public void Connect(IBusFactoryConfigurator bus, Dispatcher dispatcher) => bus.ReceiveEndpoint(Queues.Executor(instance), endpoint =>
    {
        endpoint.PrefetchCount = 1000;
        // Taking a run is a dictionary's matter of microseconds; more readers would only wake each other.
        endpoint.ConcurrentMessageLimit = 1;
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PublishFaults = false;
        // The delivery is taken at once: an attempt may run for an hour, and the lease is what the scheduler goes by.
        endpoint.Handler<ExecuteRun>(context =>
        {
            dispatcher.Receive(context.Message);
            return Task.CompletedTask;
        });
        endpoint.Handler<CancelAttempt>(context =>
        {
            dispatcher.Cancel(context.Message);
            return Task.CompletedTask;
        });
    });
}
