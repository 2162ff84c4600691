using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Events;
using ReactorJobs.Events.Routing;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Tests.Events;

/// <summary>The bus and the API are open to others: whatever they send is stored as it is, or refused with what is wrong; nothing in between.</summary>
[Collection(PostgresCollection.Name)]
public sealed class Bad_messages_are_refused_with_a_reason(PostgresServer server) : IAsyncLifetime
{
    static readonly Gen<string> Strange = Gen.OneOf(
        Gen.Elements("", " ", "order.paid", "\0", "a\u0085b", "\ud800", "a\udc00\ud800", "🎉", "\u200b", "'; drop table event; --", "{acme}", "../..", new string('x', 256), new string('x', 257)),
        Gen.Choose(1, 300).SelectMany(length => Gen.ArrayOf(Gen.Choose(0, char.MaxValue).Select(x => (char)x), length).Select(x => new string(x))),
        Gen.Choose(120, 260).Select(length => string.Concat(Enumerable.Repeat("🎉", length))));

    static readonly Gen<RawJson> Payloads = Gen.OneOf(
        Gen.Elements("null", "1e999999", "\"\\u0000\"", "\"\\ud800\"", "{\"a\":1,\"a\":2}", "[[[[]]]]", " { } ", "-0").Select(RawJson.Trusted),
        Gen.Choose(0, 255).Select(x => RawJson.Trusted([(byte)'"', (byte)(x < 0x20 || x is '"' or '\\' ? 0xff : x), (byte)'"'])),
        Gen.Choose(-1, 1).Select(x => RawJson.Trusted($"\"{new string('x', Limits.PayloadBytes - 2 + x)}\"")));

    readonly EventsDatabase events = new(server);

    public Task InitializeAsync() => events.Create();

    public async Task DisposeAsync() => await events.DisposeAsync();

    [Fact]
    public async Task Over_the_bus()
    {
        var cases =
            from topic in Strange
            from payload in Payloads
            from at in Gen.Elements(ManualTime.Start, DateTimeOffset.MinValue.AddTicks(1), DateTimeOffset.MaxValue)
            select Emitted.Event(events.Ids, topic) with { Payload = payload, EmittedAt = at };
        var (taken, refused) = (0, 0);
        foreach (var emitted in cases.Sample(300, 500))
            if (EventConsumer.Flaw(emitted) is { } flaw)
            {
                Assert.Matches("^its (topic|payload) ", flaw);
                refused++;
            }
            else
            {
                await events.Take(emitted);
                var stored = (await events.Take(emitted)).Answers[0];
                Assert.True(EventRouting.IsSame(stored, emitted), $"{emitted.Topic}: {stored.Payload}");
                taken++;
            }

        Assert.True(taken > 20 && refused > 20, $"{taken} and {refused}");
    }

    [Theory]
    [InlineData(null, true, "its org is missing")]
    [InlineData("", true, "its org is missing")]
    [InlineData("acme", false, "its id is missing")]
    public void What_a_body_leaves_out_is_named(string? org, bool hasId, string flaw) =>
        Assert.Equal(flaw, EventConsumer.Flaw(new(org!, hasId ? events.Ids.NewEvent() : default, "t", default, default)));

    [Fact]
    public async Task Over_HTTP()
    {
        var host = new Host(server);
        await host.InitializeAsync();
        try
        {
            var text = Strange.Select(x => JsonSerializer.Serialize(x));
            var bodies = Gen.OneOf(
                from topic in text from payload in Payloads select $$"""{"topic":{{topic}},"payload":{{payload}}}""",
                from topic in text from id in text select $$"""{"topic":{{topic}},"id":{{id}}}""",
                from name in text from value in text select $$"""{{{name}}:{{value}}}""",
                text,
                Strange);
            foreach (var body in bodies.Sample(100, 200).Where(body => Encoding.UTF8.GetByteCount(body) > 0))
            {
                var answer = await host.Send(HttpMethod.Post, "/jobs/v1/_admin/events", body);
                Assert.True(answer.Status is 202 || (answer.Status, answer["code"]) is (400, "invalid_request") or (413, "payload_too_large"), $"{answer.Status} for {body}: {answer.Body}");
            }
        }
        finally
        {
            await host.DisposeAsync();
        }
    }
}
