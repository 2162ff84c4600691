using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace ReactorJobs.Hosting.Http;

/// <summary>How the API writes: <c>snake_case</c>, times in RFC 3339 UTC with milliseconds.</summary>
public static class ApiJson
{
    public static readonly JsonSerializerOptions Options = Configure(new(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.Never;
        options.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new Time());
        options.TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { GeneralFirst } };
        return options;
    }

    // What a short form of something shows stands first in its long form, too.
    static void GeneralFirst(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            for (var declaring = (property.AttributeProvider as MemberInfo)?.DeclaringType; declaring is not null; declaring = declaring.BaseType)
                property.Order++;
    }

    public static IResult Answer<T>(int status, T value) => Results.Json(value, Options, "application/json", status);

    /// <summary>A list as callers page it: a bare array, and where it goes on in <c>Link</c>.</summary>
    public static IResult Page<T>(HttpContext http, IReadOnlyList<T> items, string? nextCursor)
    {
        if (nextCursor is not null)
        {
            var query = QueryString.Create(http.Request.Query.Where(x => x.Key != "cursor").Append(new("cursor", nextCursor)));
            http.Response.Headers.Link = $"<{http.Request.Scheme}://{http.Request.Host}{http.Request.Path}{query}>; rel=\"next\"";
        }

        return Answer(200, items);
    }

    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    sealed class Time : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Text(value));
    }
}
