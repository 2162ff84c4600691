using ReactorJobs.Tests.Simulation.Processes;

namespace ReactorJobs.Tests.Simulation.Worlds;

/// <summary>A process's clock: the world's, put forward by what the process's machine is off. Its timers end with the process.</summary>
public sealed class SimulatedTime(Life life) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => life.World.Now + life.Process.ClockError;

    public override long GetTimestamp() => life.World.Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(life, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    sealed class Timer(Life life, Action fire) : ITimer
    {
        int version;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var mine = ++version;
            if (dueTime != Timeout.InfiniteTimeSpan)
                life.After(dueTime, () => Fire(mine, period));
            return true;
        }

        void Fire(int mine, TimeSpan period)
        {
            if (mine != version)
                return;
            if (period != Timeout.InfiniteTimeSpan)
                Change(period, period);
            fire();
        }

        public void Dispose() => version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
