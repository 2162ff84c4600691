using System.Globalization;

namespace ReactorJobs.Cli.Output;

/// <summary>Bytes as people read them: 512 B, 1.2 KiB, 34 MiB.</summary>
static class Sizes
{
    static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    public static string Format(double bytes)
    {
        var unit = 0;
        // Rounded before the unit is chosen, so that no size reads "1024 KiB".
        for (; Math.Round(bytes, 1) >= 1024 && unit < Units.Length - 1; unit++) bytes /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{(bytes < 10 && unit > 0 ? Math.Round(bytes, 1) : Math.Round(bytes))} {Units[unit]}");
    }
}
