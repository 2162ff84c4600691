using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ReactorJobs.Tests.Torture.Workload;

/// <summary>Calls the API for one org, and keeps what it did and what it was answered.</summary>
sealed class Client : IDisposable
{
    /// <summary>Longer than the suite takes to say that its database is away.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    readonly HttpClient http;
    readonly TimeProvider time;
    readonly string org;
    readonly ConcurrentQueue<Call> calls;

    public Client(Uri url, string org, string token, ConcurrentQueue<Call> calls, TimeProvider time)
    {
        (this.org, this.calls, this.time) = (org, calls, time);
        http = new() { BaseAddress = url, Timeout = Patience };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Does with an item what its habit says; null where its run is not known, for now or for ever.</summary>
    public async Task<string?> Start(WorkItem item, CancellationToken stop) => item.Habit switch
    {
        Habit.Persists => await Persist(item, stop),
        Habit.SendsTwice => (await Task.WhenAll(Persist(item, stop), Persist(item, stop)))[0],
        _ => (await Trigger(item)).Run,
    };

    /// <summary>Sends the same until it is answered: what became of the requests before, the key finds.</summary>
    public async Task<string?> Persist(WorkItem item, CancellationToken stop)
    {
        while (true)
        {
            var call = await Trigger(item);
            if (call.Outcome != Outcome.Unknown)
                return call.Run;
            await Task.Delay(Pause, time, stop);
        }
    }

    public async Task Cancel(WorkItem item, string run, CancellationToken stop)
    {
        while ((await Send(Verb.Cancel, item, HttpMethod.Post, $"/jobs/v1/_admin/jobs/{item.Job}/runs/{run}/cancel", null, run)).Outcome == Outcome.Unknown)
            await Task.Delay(Pause, time, stop);
    }

    /// <summary>Looks at a run, once.</summary>
    public Task Look(WorkItem item, string run) => Send(Verb.Read, item, HttpMethod.Get, $"/jobs/v1/runs/{run}", null, run);

    Task<Call> Trigger(WorkItem item) => Send(Verb.Trigger, item, HttpMethod.Post, $"/jobs/v1/{item.Job}/trigger", item.Body, null);

    async Task<Call> Send(Verb verb, WorkItem item, HttpMethod method, string path, string? body, string? run)
    {
        var began = time.GetUtcNow();
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            request.Headers.Add("Idempotency-Key", item.Key);
        }

        Call call;
        try
        {
            using var response = await http.SendAsync(request);
            var status = (int)response.StatusCode;
            var answer = Parse(await response.Content.ReadAsStringAsync());
            var outcome = status is >= 200 and < 300 ? Outcome.Accepted : status < 500 ? Outcome.Refused : Outcome.Unknown;
            call = new(verb, org, item.Key, began, time.GetUtcNow(), outcome, status, run ?? Text(answer, "id"), Text(answer, "code"), Text(answer, "status"));
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or IOException or SocketException)
        {
            call = new(verb, org, item.Key, began, time.GetUtcNow(), Outcome.Unknown, 0, run, null, null);
        }

        calls.Enqueue(call);
        return call;
    }

    static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static string? Text(JsonNode? answer, string name) => answer is JsonObject fields && fields[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public void Dispose() => http.Dispose();
}
