using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Effects;

namespace ReactorJobs.Tests.Scheduler.Effects;

/// <summary>A result is one effect, an array of them, or holds <c>effects</c>; whatever is wrong in one is named with its place.</summary>
public sealed class Effects_are_read_strictly
{
    [Theory]
    [InlineData("""{"effect": "scheduleJob", "definition": "nightly-order-processing", "at": "now addDays 1", "parameters": {}}""", "nightly-order-processing:{}")]
    [InlineData("""[{"effect":"scheduleJob","definition":"a","at":"now"},{"effect":"scheduleJob","definition":"b","at":"now","parameters":{"n": 1.0}}]""", """a:{} b:{"n": 1.0}""")]
    [InlineData("""{"processed": 3, "effects": [{"effect":"scheduleJob","definition":"a","at":"now","parameters":null}]}""", "a:{}")]
    [InlineData("""{"effects": []}""", "")]
    [InlineData("""{"effects": null}""", "")]
    public void Those_of_a_result(string result, string jobs)
    {
        var effects = ResultEffects.Read(RawJson.Trusted(result));
        Assert.Null(effects.Fault);
        Assert.Equal(jobs, string.Join(' ', effects.Jobs.Select(x => $"{x.Definition}:{x.Parameters}")));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("42")]
    [InlineData("\"the effect\"")]
    [InlineData("""{"side": {"effect": "scheduleJob"}}""")]
    [InlineData("""[1, "effect", {"cause": "effect"}]""")]
    [InlineData("""["effect"]""")]
    public void Any_other_result_asks_for_nothing(string result)
    {
        var effects = ResultEffects.Read(RawJson.Trusted(result));
        Assert.Equal((0, null), (effects.Jobs.Count, effects.Fault));
    }

    [Theory]
    [InlineData("""{"effect":"sendEmail","to":"a@example.com"}""", "/effect: must be scheduleJob")]
    [InlineData("""{"effect":7}""", "/effect: must be a string")]
    [InlineData("""{"effect":"scheduleJob","at":"now"}""", "/definition: is required")]
    [InlineData("""{"effect":"scheduleJob","definition":"a b","at":"now"}""", "/definition: is not the id of a job definition")]
    [InlineData("""{"effect":"scheduleJob","definition":"a\u0000","at":"now"}""", "/definition: is not the id of a job definition")]
    [InlineData("""{"effect":"scheduleJob","definition":"a"}""", "/at: is required")]
    [InlineData("""{"effect":"scheduleJob","definition":"a","at":"tomorrow"}""", "/at: must be now, now addDays 1 ")]
    [InlineData("""{"effect":"scheduleJob","definition":"a","at":"now","parameters":[1]}""", "/parameters: must be an object")]
    [InlineData("""{"effect":"scheduleJob","definition":"a","at":"now","params":{}}""", "/params: is not a known field; there are effect, definition, at, parameters")]
    [InlineData("""{"effect":"scheduleJob","definition":"\ud800","at":"now"}""", "a text of the result holds half of a surrogate pair, which is no text")]
    [InlineData("""[{"effect":"scheduleJob","definition":"a","at":"now"},{"done":true}]""", "/1/effect: is required")]
    [InlineData("""[{"effect":"scheduleJob","definition":"a","at":"now"},3]""", "/1: must be an effect: an object")]
    [InlineData("""{"effects":[{"effect":"scheduleJob","definition":"a","at":"now add 1"}]}""", "/effects/0/at: must be now")]
    [InlineData("""{"effects":{"effect":"scheduleJob"}}""", "/effects: must be an array of effects")]
    public void A_mistake_is_named_with_its_place_and_nothing_is_asked_for(string result, string fault)
    {
        var effects = ResultEffects.Read(RawJson.Trusted(result));
        Assert.Empty(effects.Jobs);
        Assert.StartsWith(fault, effects.Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, null)]
    [InlineData(101, "/effects: must hold at most 100 effects")]
    public void There_is_a_limit_to_them(int count, string? fault)
    {
        var all = string.Join(',', Enumerable.Repeat("""{"effect":"scheduleJob","definition":"a","at":"now"}""", count));
        Assert.Equal(fault, ResultEffects.Read(RawJson.Trusted($$"""{"effects":[{{all}}]}""")).Fault);
    }
}
