using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Tests.Simulation.Faults;
using ReactorJobs.Tests.Simulation.Processes;
using ReactorJobs.Tests.Simulation.Worlds;

namespace ReactorJobs.Tests.Simulation.Buses;

/// <summary>
/// The broker. A message may come late, twice, out of order, or not at all. One that is not confirmed may be lost; of those that are,
/// events and starts are kept until they are acknowledged (their outbox row is gone then), all others may be lost even so.
/// </summary>
public sealed class SimulatedBus(World world, FaultPlan faults)
{
    readonly Dictionary<string, (Life Life, Action<object, Action> Take)> consumers = [];
    readonly Dictionary<string, List<Delivery>> parked = [];
    readonly List<(Life Life, Action<ExecutorAdvertised> Hear)> schedulers = [];

    public int Delivered { get; private set; }

    /// <summary>Takes over a queue for a life's time. The consumer calls the second argument to acknowledge.</summary>
    public void Consume(Life life, string queue, Action<object, Action> take)
    {
        consumers[queue] = (life, take);
        life.Ended += () =>
        {
            if (consumers.TryGetValue(queue, out var consumer) && consumer.Life == life)
                consumers.Remove(queue);
        };
        if (parked.Remove(queue, out var waiting))
            foreach (var delivery in waiting)
                Deliver(delivery);
    }

    /// <summary>Completes when the broker has confirmed the message.</summary>
    public Task Publish(Life sender, OutboxMessage message)
    {
        sender.MustLive();
        if (faults.Crash)
        {
            world.Say($"{sender.Process.Name} dies before it publishes to {message.Queue}");
            throw sender.Crash();
        }

        var delivery = new Delivery(message, message.Queue is Queues.Attempts or Queues.Starts or Queues.Events);
        var mayBeLost = message.Queue is not (Queues.Starts or Queues.Events);
        var confirmed = !faults.LeaveUnconfirmed;
        if (faults.LoseMessage && (mayBeLost || !confirmed))
            world.Say($"a message to {message.Queue} is lost");
        else
            Deliver(delivery);
        if (faults.SendTwice)
            Deliver(new(message, delivery.Durable));

        var confirm = new TaskCompletionSource();
        if (confirmed)
            sender.After(world.Between(0.2, 4), confirm.SetResult);
        else
            sender.After(world.Between(1, 3000), () => confirm.SetException(new IOException("not confirmed")));
        if (faults.Crash)
        {
            world.Say($"{sender.Process.Name} dies after it published to {message.Queue}");
            throw sender.Crash();
        }

        return confirm.Task;
    }

    public void Listen(Life life, Action<ExecutorAdvertised> hear)
    {
        schedulers.Add((life, hear));
        life.Ended += () => schedulers.RemoveAll(x => x.Life == life);
    }

    public void Advertise(Life sender, ExecutorAdvertised advertised)
    {
        sender.MustLive();
        foreach (var (life, hear) in schedulers)
            if (!faults.LoseMessage && !faults.IsMuted(sender.Process))
                life.After(Delay(), () => hear(advertised));
    }

    void Deliver(Delivery delivery) => world.After(Delay(), () => Arrive(delivery));

    void Arrive(Delivery delivery)
    {
        var queue = delivery.Message.Queue;
        if (!consumers.TryGetValue(queue, out var consumer))
        {
            if (!delivery.Durable)
                return; // an executor's queue ends with its process
            if (!parked.TryGetValue(queue, out var waiting))
                parked[queue] = waiting = [];
            waiting.Add(delivery);
            return;
        }

        var taken = false;
        consumer.Life.Ended += () =>
        {
            if (!taken && delivery.Durable)
                Deliver(delivery);
        };
        Delivered++;
        consumer.Life.Do(() =>
        {
            var body = Envelope.Open(delivery.Message.Body);
            world.Say($"{consumer.Life.Process.Name} gets {body}");
            consumer.Take(body, () => taken = true);
        });
    }

    TimeSpan Delay() => faults.SendLate ? world.Between(10, 9000) : world.Between(0.1, 3);

    sealed record Delivery(OutboxMessage Message, bool Durable);
}
