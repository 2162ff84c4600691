using System.Globalization;
using ReactorJobs.Tests.Simulation.Defects;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.Simulation;

/// <summary>A checker that never finds anything proves nothing: each mistake that is planted in the code must show within some seeds.</summary>
public sealed class Planted_defects_are_found(ITestOutputHelper output)
{
    const int MostSeeds = 5_000;

    [Fact]
    public void All_of_them()
    {
        var compiler = new MutantCompiler();
        var sound = compiler.Sound();
        for (var seed = 0; seed < 20; seed++)
            Assert.Null(sound(seed));

        var found = new (int Seeds, string What)[Defect.All.Length];
        Parallel.For(0, Defect.All.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            var run = compiler.Plant(Defect.All[i]);
            found[i] = (0, "NOT FOUND");
            for (var seed = 0; seed < MostSeeds; seed++)
                if (run(seed) is { } broken)
                {
                    found[i] = (seed + 1, broken);
                    break;
                }
        });

        for (var i = 0; i < found.Length; i++)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Defect.All[i].Name,-50} {found[i].Seeds,5}  {found[i].What}"));
        Assert.Empty(Defect.All.Where((_, i) => found[i].Seeds == 0).Select(x => x.Name));
    }
}
