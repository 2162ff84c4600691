using System.Net.Http.Json;
using System.Text.Json;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Hosting.Identity;

/// <summary>Why another service has refused what was asked of it.</summary>
public static class InternalProblem
{
    /// <param name="service">Which one, for an answer that is no problem of its.</param>
    public static async Task<Problem> Read(HttpResponseMessage response, string service)
    {
        try
        {
            var problem = (await response.Content.ReadFromJsonAsync<Answer>(JsonSerializerOptions.Web))!;
            // Lines and columns would be those of a body that no caller wrote.
            return new((int)response.StatusCode, problem.Code, problem.Detail, problem.Errors?.Select(x => new InputError(x.Pointer, x.Detail)).ToArray());
        }
        catch (JsonException)
        {
            return Problem.Unavailable($"The {service} answered {(int)response.StatusCode}.");
        }
    }

    sealed record Answer(string Code, string Detail, IReadOnlyList<InputError>? Errors);
}
