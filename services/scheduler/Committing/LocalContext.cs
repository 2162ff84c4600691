using System.Diagnostics.CodeAnalysis;
using System.Net.Mime;
using MassTransit;
using MassTransit.Context;
using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Committing;

/// <summary>
/// Lets the state machine take a message that came over no bus: an accepted call, a timer, a dispatch. It carries the turn, and has none of
/// what a transport would give.
/// </summary>
sealed class LocalContext<T>(T message, RunTurn turn, Guid runId) : BaseConsumeContext(LocalReceive.Instance, null!), ConsumeContext<T> where T : class
{
    public T Message => message;
    public override Guid? MessageId => null;
    public override Guid? RequestId => null;
    public override Guid? CorrelationId => runId;
    public override Guid? ConversationId => null;
    public override Guid? InitiatorId => null;
    public override DateTime? ExpirationTime => null;
    public override Uri SourceAddress => null!;
    public override Uri DestinationAddress => null!;
    public override Uri ResponseAddress => null!;
    public override Uri FaultAddress => null!;
    public override DateTime? SentTime => null;
    public override Headers Headers => LocalReceive.Instance.TransportHeaders;
    public override HostInfo Host => null!;
    public override Task ConsumeCompleted => Task.CompletedTask;
    public override IEnumerable<string> SupportedMessageTypes => [];
    public override CancellationToken CancellationToken => default;

    public override bool HasPayloadType(Type payloadType) => payloadType.IsInstanceOfType(turn) || payloadType.IsInstanceOfType(this);

    public override bool TryGetPayload<TPayload>([NotNullWhen(true)] out TPayload? payload) where TPayload : class
    {
        payload = turn as TPayload ?? this as TPayload;
        return payload is not null;
    }

    public override TPayload GetOrAddPayload<TPayload>(PayloadFactory<TPayload> payloadFactory) =>
        TryGetPayload<TPayload>(out var payload) ? payload : payloadFactory();

    public override TPayload AddOrUpdatePayload<TPayload>(PayloadFactory<TPayload> addFactory, UpdatePayloadFactory<TPayload> updateFactory) => addFactory();

    public override bool HasMessageType(Type messageType) => messageType == typeof(T);

    public override bool TryGetMessage<TMessage>([NotNullWhen(true)] out ConsumeContext<TMessage>? consumeContext)
    {
        consumeContext = this as ConsumeContext<TMessage>;
        return consumeContext is not null;
    }

    public override void AddConsumeTask(Task task) => throw Nowhere();

    public Task NotifyConsumed(TimeSpan duration, string consumerType) => Task.CompletedTask;

    public Task NotifyFaulted(TimeSpan duration, string consumerType, Exception exception) => Task.CompletedTask;

    static InvalidOperationException Nowhere() => new("A local message has no bus: what a run sends goes through its turn.");

    sealed class LocalReceive : BasePipe, ReceiveContext
    {
        public static readonly LocalReceive Instance = new();

        public TimeSpan ElapsedTime => default;
        public Uri InputAddress => null!;
        public ContentType ContentType => null!;
        public bool Redelivered => false;
        public Headers TransportHeaders { get; } = new MassTransit.Serialization.DictionarySendHeaders();
        public Task ReceiveCompleted => Task.CompletedTask;
        public bool IsDelivered => false;
        public bool IsFaulted => false;
        public ISendEndpointProvider SendEndpointProvider => throw Nowhere();
        public IPublishEndpointProvider PublishEndpointProvider => null!;
        public bool PublishFaults => false;
        public MessageBody Body => throw Nowhere();

        public Task NotifyConsumed<TMessage>(ConsumeContext<TMessage> context, TimeSpan duration, string consumerType) where TMessage : class => Task.CompletedTask;

        public Task NotifyFaulted<TMessage>(ConsumeContext<TMessage> context, TimeSpan duration, string consumerType, Exception exception)
            where TMessage : class => Task.CompletedTask;

        public Task NotifyFaulted(Exception exception) => Task.CompletedTask;

        public void AddReceiveTask(Task task) => throw Nowhere();
    }

    abstract class BasePipe : PipeContext
    {
        public CancellationToken CancellationToken => default;

        public bool HasPayloadType(Type payloadType) => false;

        public bool TryGetPayload<TPayload>([NotNullWhen(true)] out TPayload? payload) where TPayload : class
        {
            payload = null;
            return false;
        }

        public TPayload GetOrAddPayload<TPayload>(PayloadFactory<TPayload> payloadFactory) where TPayload : class => payloadFactory();

        public TPayload AddOrUpdatePayload<TPayload>(PayloadFactory<TPayload> addFactory, UpdatePayloadFactory<TPayload> updateFactory)
            where TPayload : class => addFactory();
    }
}
