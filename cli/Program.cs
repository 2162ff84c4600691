using System.Collections;
using System.Runtime.InteropServices;
using ReactorJobs.Cli;
using ReactorJobs.Cli.Output;

// The first Ctrl-C (or SIGTERM) lets the command end in order, the second one kills: a hung server must not hold the shell.
using var interrupted = new CancellationTokenSource();
void Interrupt(PosixSignalContext signal)
{
    if (interrupted.IsCancellationRequested) return;
    signal.Cancel = true;
    interrupted.Cancel();
}
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);

var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(
    x => (string)x.Key, x => (string?)x.Value ?? "", OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
var here = new Surroundings(Terminal.OfThisProcess(), variables, Environment.CurrentDirectory, TimeProvider.System);
return await CommandLine.Run(args, here, interrupted.Token);
