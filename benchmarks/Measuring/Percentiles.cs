namespace ReactorJobs.Bench.Measuring;

/// <summary>In milliseconds.</summary>
readonly record struct Percentiles(double P50, double P95, double P99)
{
    public static Percentiles? Of(double[] samples)
    {
        if (samples.Length == 0)
            return null;
        var sorted = samples.Order().ToArray();
        return new(At(0.5), At(0.95), At(0.99));

        // The smallest sample that so many are not above.
        double At(double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }
}
