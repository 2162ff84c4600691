using System.Formats.Tar;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Scheduler.Resources;

/// <summary>
/// Makes the code of components into functions, in the name of the caller: a version is built first, which changes nothing, and put live when
/// the component is written.
/// </summary>
public sealed class ComponentCode(InternalCalls calls)
{
    const string Functions = "/functions/v1/_admin/functions";

    /// <summary>A build may wait for others.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    readonly HttpClient client = new(new ConnectionFaults(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) })) { Timeout = Patience };

    /// <summary>Builds a version of each component's code.</summary>
    /// <returns>The version of each function that was built.</returns>
    public async Task<IReadOnlyDictionary<string, int>> Build(HttpContext http, IEnumerable<ComponentWrite> components)
    {
        var versions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var component in components.Where(x => x.Spec.Code is not null))
        {
            using var found = await Send(http, HttpMethod.Get, At(component.FunctionName), null);
            if (found.StatusCode == System.Net.HttpStatusCode.NotFound)
                (await Read(component, await Send(http, HttpMethod.Post, Functions, JsonContent.Create(new { name = component.FunctionName })))).Dispose();
            var archive = new ByteArrayContent(Pack(component.Spec)) { Headers = { ContentType = new MediaTypeHeaderValue("application/gzip") } };
            using var deployed = await Read(component, await Send(http, HttpMethod.Post, At(component.FunctionName) + "/deployments", archive));
            versions[component.FunctionName] = deployed.RootElement.GetProperty("version").GetInt32();
        }

        return versions;
    }

    public async Task Promote(HttpContext http, IReadOnlyDictionary<string, int> versions)
    {
        foreach (var (function, version) in versions)
        {
            using var response = await Send(http, HttpMethod.Post, At(function) + "/promote", JsonContent.Create(new { version }));
            if (!response.IsSuccessStatusCode)
                throw new ProblemException(Problem.Unavailable($"Everything is written, but version {version} of the function \"{function}\" was not put live: do the same again."));
        }
    }

    static string At(string function) => $"{Functions}/{Uri.EscapeDataString(function)}";

    async Task<HttpResponseMessage> Send(HttpContext http, HttpMethod method, string path, HttpContent? content)
    {
        Exception? failure = null;
        foreach (var instance in calls.Executor.InTurn())
        {
            using var request = new HttpRequestMessage(method, new Uri(instance, path)) { Content = content };
            // Where one process serves everything, it knows the caller by the token; where the ingress is another one, it has said who calls.
            if (http.Request.Headers.Authorization is { Count: > 0 } token)
                request.Headers.TryAddWithoutValidation("Authorization", token.ToArray());
            else
                ForwardedCaller.Say(request, http.Caller(), calls);
            try
            {
                return await client.SendAsync(request, http.RequestAborted);
            }
            catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ConnectionError)
            {
                failure = exception;
                request.Content = null; // not to be disposed of: the next instance gets it
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !http.RequestAborted.IsCancellationRequested)
            {
                throw new StoreUnavailable($"The service at {instance} does not answer.", exception);
            }
        }

        throw new StoreUnavailable($"The service at {calls.Executor} does not answer.", failure);
    }

    /// <summary>The answer; or the refusal, at the component's place and with the name of its file.</summary>
    static async Task<JsonDocument> Read(ComponentWrite component, HttpResponseMessage response)
    {
        using (response)
        {
            JsonDocument answer;
            try
            {
                answer = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync());
            }
            catch (JsonException)
            {
                throw new ProblemException(Problem.Unavailable($"The functions answered {(int)response.StatusCode}."));
            }

            if (response.IsSuccessStatusCode)
                return answer;
            using (answer)
                throw new ProblemException(ComponentRefusal.Of(component, (int)response.StatusCode, answer.RootElement));
        }
    }

    static byte[] Pack(ComponentSpec spec)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Gnu))
            tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, spec.Entry)
            {
                ModificationTime = DateTimeOffset.UnixEpoch,
                AccessTime = DateTimeOffset.UnixEpoch,
                ChangeTime = DateTimeOffset.UnixEpoch,
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(spec.Code!)),
            });
        return packed.ToArray();
    }
}
