using ReactorJobs.Embedded.Suite;

namespace ReactorJobs.Tests.Embedded;

public sealed class SuiteScaleTests
{
    [Theory]
    [InlineData("", 1, 1, 1, 1)]
    [InlineData("executor=3,scheduler=2", 1, 2, 3, 1)]
    [InlineData(" events = 16 , ingress=2", 2, 1, 1, 16)]
    public void It_says_how_many_of_each_service_there_are(string text, int ingress, int scheduler, int executor, int events)
    {
        Assert.Null(SuiteScale.TryParse(text, out var scale));
        Assert.Equal(new(ingress, scheduler, executor, events), scale);
    }

    [Theory]
    [InlineData("executor", "has \"executor\", but each part must be SERVICE=N with N from 1 to 16")]
    [InlineData("executor=0", "has \"executor=0\", but each part must be SERVICE=N with N from 1 to 16")]
    [InlineData("executor=17", "has \"executor=17\", but each part must be SERVICE=N with N from 1 to 16")]
    [InlineData("executor=-1", "has \"executor=-1\", but each part must be SERVICE=N with N from 1 to 16")]
    [InlineData("worker=2", "has \"worker\", but the services are ingress, scheduler, executor and events")]
    public void A_wrong_one_is_told(string text, string flaw) => Assert.Equal(flaw, SuiteScale.TryParse(text, out _));
}
