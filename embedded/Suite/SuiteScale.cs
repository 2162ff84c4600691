using System.Globalization;

namespace ReactorJobs.Embedded.Suite;

/// <summary>How many processes of each service there are. Further ingresses listen on the ports after the first one's.</summary>
public sealed record SuiteScale(int Ingress = 1, int Scheduler = 1, int Executor = 1, int Events = 1)
{
    const int Most = 16;

    /// <summary>Reads <c>executor=3,scheduler=2</c>; null, or what is wrong with it.</summary>
    public static string? TryParse(string text, out SuiteScale scale)
    {
        scale = new();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split('=', StringSplitOptions.TrimEntries) is not [var service, var number]
                || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > Most)
                return $"has \"{part}\", but each part must be SERVICE=N with N from 1 to {Most}";
            switch (service)
            {
                case "scheduler":
                    scale = scale with { Scheduler = count };
                    break;
                case "executor":
                    scale = scale with { Executor = count };
                    break;
                case "events":
                    scale = scale with { Events = count };
                    break;
                case "ingress":
                    scale = scale with { Ingress = count };
                    break;
                default:
                    return $"has \"{service}\", but the services are ingress, scheduler, executor and events";
            }
        }

        return null;
    }
}
