using System.Text.Json.Serialization;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Scheduler.Resources;

/// <summary>A row of the <c>component</c> table: a function under the id by which job definitions name it.</summary>
public sealed class ComponentRow
{
    public required string OrgId { get; set; }
    public required string Id { get; set; }
    public required string FunctionName { get; set; }

    /// <summary>What the file is called that its code came in; null where it names a function that somebody else deploys.</summary>
    public string? CodeFile { get; set; }

    /// <summary>Of the code as it was given: what says whether it is another one.</summary>
    public string? CodeSha256 { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>A component as the API shows it.</summary>
public sealed record ComponentView(
    [property: JsonPropertyName("componentId")] string ComponentId,
    [property: JsonPropertyName("functionName")] string FunctionName,
    [property: JsonPropertyName("codeFile")] string? CodeFile,
    [property: JsonPropertyName("createdAt")] DateTimeOffset CreatedAt,
    [property: JsonPropertyName("updatedAt")] DateTimeOffset UpdatedAt)
{
    public static ComponentView Of(ComponentRow row) => new(row.Id, row.FunctionName, row.CodeFile, row.CreatedAt, row.UpdatedAt);
}

/// <summary>A component as callers describe it: <c>{functionName}</c>, or <c>{codeFile, code}</c>, one file of TypeScript or JavaScript.</summary>
/// <param name="FunctionName">Null with code: then the function is called as the component.</param>
public sealed record ComponentSpec(
    [property: JsonPropertyName("functionName")] string? FunctionName, [property: JsonPropertyName("codeFile")] string? CodeFile, string? Code)
{
    public const int MostCode = 1 << 20;
    const int LongestFile = 512;

    static readonly string[] Languages = [".ts", ".tsx", ".mts", ".js", ".mjs"];

    /// <summary>Endings of other languages' files. Any other ending, or none, may be that of a component's id.</summary>
    static readonly string[] Others = [".py", ".cs", ".fs", ".go", ".rs", ".java", ".kt", ".rb", ".php", ".lua", ".sh", ".sql", ".wasm", ".json", ".yaml", ".yml", ".toml", ".md", ".filtrera"];

    public static ComponentSpec Read(Fields fields)
    {
        var spec = new ComponentSpec(fields.String("function_name"), fields.String("code_file"), fields.String("code"));
        if (spec.FunctionName is { } function)
        {
            if (spec.CodeFile is not null || spec.Code is not null)
                fields.Wrong(spec.CodeFile is null ? "code" : "code_file", "cannot stand beside function_name");
            if (!HandlerName.Fits(function))
                fields.Wrong("function_name", HandlerName.Rule);
        }
        else if (spec.CodeFile is null && spec.Code is null)
            fields.Wrong("function_name", "is required, or code_file with code");
        else if (spec.CodeFile is not { Length: > 0 } file)
            fields.Wrong("code_file", "is required beside code");
        else if (file.Length > LongestFile || file.Any(char.IsControl))
            fields.Wrong("code_file", $"must be the path of a file: at most {LongestFile} characters, and no control characters");
        else if (Others.FirstOrDefault(x => file.EndsWith(x, StringComparison.OrdinalIgnoreCase)) is { } other)
            fields.Wrong("code_file", $"must be TypeScript or JavaScript ({string.Join(", ", Languages)}); a file that ends with {other} is not run");
        else if (spec.Code is null)
            fields.Wrong("code", "is required beside code_file: the text of the file");
        else if (spec.Code.Length > MostCode)
            fields.Wrong("code", $"must have at most {MostCode:N0} characters");
        return spec;
    }

    /// <summary>How the file is called in the function's bundle. What does not say which language it is, such as <c>.hreactor</c>, is TypeScript.</summary>
    [JsonIgnore]
    public string Entry => "index" + (Languages.FirstOrDefault(x => CodeFile!.EndsWith(x, StringComparison.OrdinalIgnoreCase)) ?? ".ts");
}
