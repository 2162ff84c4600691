using System.Diagnostics.Metrics;
using System.Globalization;
using ReactorJobs.Tests.Torture.Metering;

/// <summary>
/// .NET calls this in each service before its program, by the name and from outside any namespace: so that what a service counts is known here
/// without anything in it that is for tests alone.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Counted.FolderVariable) is not { } folder)
            return;
        var file = Path.Combine(folder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + Counted.Extension);
        var gate = new Lock();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (Counted.Names.Contains(instrument.Name))
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            // Written at once: the process may be killed at any time.
            lock (gate)
                File.AppendAllText(file, string.Create(CultureInfo.InvariantCulture, $"{instrument.Name}/{tags[0].Value} {value}\n"));
        });
        listener.Start();
    }
}
