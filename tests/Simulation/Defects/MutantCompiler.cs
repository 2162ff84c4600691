using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ReactorJobs.Tests.Simulation.Defects;

/// <summary>
/// Compiles the code under test and the simulator into one assembly, with one defect planted. What needs a database, a socket or a host
/// is left out: the simulator does not use it.
/// </summary>
public sealed class MutantCompiler
{
    static readonly string[] Folders =
    [
        "shared/Hosting", "services/scheduler", "services/executor/Attempts", "services/executor/Dispatch", "services/executor/Recovery", "services/events/Routing",
        "services/events/Deliveries", "tests/Simulation",
    ];

    static readonly string[] Kept =
    [
        "shared/Hosting/Bus/Outbox", "shared/Hosting/Bus/BusHearing", "shared/Hosting/Bus/BusPublisher", "shared/Hosting/GroupCommit/", "shared/Hosting/Ids/", LimitsFile,
        "services/scheduler/Committing/IRunStore", "services/scheduler/Committing/LocalContext", "services/scheduler/Committing/RunCache", "services/scheduler/Committing/RunGroup", "services/scheduler/Committing/RunItem",
        "services/scheduler/Committing/RunSession", "services/scheduler/Dispatch/", "services/scheduler/Effects/", "services/scheduler/Jobs/Job.cs", "services/scheduler/Reconciling/", "services/scheduler/Retries/",
        "services/scheduler/Runs/Priorities", "services/scheduler/Runs/Run.cs", "services/scheduler/Runs/RunEvents", "services/scheduler/Runs/RunStateMachine", "services/scheduler/Runs/RunTurn", "services/scheduler/Runs/RunVerbs",
        "services/scheduler/SchedulerOptions", "services/scheduler/Timers/",
        "shared/Hosting/Configuration/ReactorSettings", "shared/Hosting/Configuration/SuiteSettings", "shared/Hosting/Configuration/SettingAttribute",
        "services/executor/", "services/events/Routing/EventR", "services/events/Routing/IEventStore", "services/events/Deliveries/OutboxUpkeep",
        "tests/Simulation/Buses/", "tests/Simulation/Checking/", "tests/Simulation/Clients/", "tests/Simulation/Faults/", "tests/Simulation/Processes/",
        "tests/Simulation/RunStore/InMemoryRunStore.cs", "tests/Simulation/RunStore/RunConstraints.cs", "tests/Simulation/Workers/", "tests/Simulation/Worlds/",
    ];

    const string LimitsFile = "shared/Hosting/Http/RequestBody.cs";

    static readonly string[] Single = ["tests/Executor/InMemoryAttemptStore.cs", "tests/Events/InMemoryEventStore.cs"];

    const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    readonly Dictionary<string, SyntaxTree> trees = [];
    readonly CSharpCompilation sound;

    public MutantCompiler()
    {
        var root = Root();
        var files = Folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'))
            .Where(file => Kept.Any(kept => file.StartsWith(kept, StringComparison.Ordinal)) && !file.Contains("/obj/", StringComparison.Ordinal)).Concat(Single);
        foreach (var file in files.Order(StringComparer.Ordinal))
            trees[file] = Parse(File.ReadAllText(Path.Combine(root, file)), file);
        // Of what reads requests, only the limits are needed; the rest brings generated code along.
        var http = (CompilationUnitSyntax)trees[LimitsFile].GetRoot();
        trees[LimitsFile] = CSharpSyntaxTree.Create(http.RemoveNodes(
            http.DescendantNodes().OfType<BaseTypeDeclarationSyntax>().Where(x => x.Identifier.Text != "Limits"), SyntaxRemoveOptions.KeepNoTrivia)!,
            new CSharpParseOptions(LanguageVersion.Preview), LimitsFile);
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (!name.StartsWith("ReactorJobs.", StringComparison.Ordinal) || name == "ReactorJobs.Contracts.dll"))
            .Select(path => MetadataReference.CreateFromFile(path));
        sound = CSharpCompilation.Create("Mutant", [.. trees.Values, Parse(ImplicitUsings, "usings")], references, new(
            OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Disable, allowUnsafe: true));
    }

    static SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Preview), path);

    public static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "ReactorJobs.Micro.sln")))
                return folder.FullName;
        throw new InvalidOperationException("The tests do not run within the repository.");
    }

    /// <summary>Runs a seed with the defect in place: what it broke, or null.</summary>
    public Func<int, string?> Plant(Defect defect)
    {
        var tree = trees.TryGetValue(defect.File, out var known) ? known : throw new InvalidOperationException($"{defect.File} is not compiled.");
        var text = tree.ToString();
        var at = text.IndexOf(defect.Snippet, StringComparison.Ordinal);
        if (at < 0 || text.IndexOf(defect.Snippet, at + 1, StringComparison.Ordinal) >= 0)
            throw new InvalidOperationException($"\"{defect.Name}\": the snippet is not in {defect.File} exactly once.");
        return Compile(sound.ReplaceSyntaxTree(tree, Parse(text.Remove(at, defect.Snippet.Length).Insert(at, defect.Replacement), defect.File)));
    }

    /// <summary>The code as it is, compiled in the same way.</summary>
    public Func<int, string?> Sound() => Compile(sound);

    static Func<int, string?> Compile(CSharpCompilation compilation)
    {
        using var image = new MemoryStream();
        var emitted = compilation.Emit(image);
        if (!emitted.Success)
            throw new InvalidOperationException(string.Join('\n', emitted.Diagnostics.Where(x => x.Severity == DiagnosticSeverity.Error).Take(20)));
        image.Position = 0;
        var assembly = new AssemblyLoadContext("mutant", isCollectible: true).LoadFromStream(image);
        var probe = assembly.GetType("ReactorJobs.Tests.Simulation.Worlds.Simulation")!.GetMethod("Probe", BindingFlags.Public | BindingFlags.Static)!;
        return probe.CreateDelegate<Func<int, string?>>();
    }
}
