namespace ReactorJobs.Cli.Output;

enum Tone { Plain, Dim, Bold, Good, Bad, Busy }

/// <summary>Colours, or none: off unless the stream is a terminal.</summary>
readonly record struct Paint(bool On)
{
    public string Apply(string text, Tone tone) => !On || tone == Tone.Plain || text.Length == 0 ? text : $"\e[{Code(tone)}m{text}\e[0m";

    public string Dim(string text) => Apply(text, Tone.Dim);

    public string Bold(string text) => Apply(text, Tone.Bold);

    public string Status(string status) => Apply(status, ToneOf(status));

    /// <summary>One meaning per colour over all lists: green ended well, red ended badly, yellow is on its way.</summary>
    public static Tone ToneOf(string status) => status switch
    {
        "completed" or "ok" or "active" or "retried" => Tone.Good,
        "failed" or "down" or "lost" or "timed_out" or "error" => Tone.Bad,
        "running" or "retrying" or "sleeping" or "waiting" or "paused" or "degraded" => Tone.Busy,
        "cancelled" or "pending" or "discarded" => Tone.Dim,
        _ => Tone.Plain,
    };

    static string Code(Tone tone) => tone switch
    {
        Tone.Dim => "2",
        Tone.Bold => "1",
        Tone.Good => "32",
        Tone.Bad => "31",
        Tone.Busy => "33",
        _ => "0",
    };
}
