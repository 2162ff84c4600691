using Microsoft.AspNetCore.Http;

namespace ReactorJobs.Tests.Webhooks;

public sealed class Stripe_signs_time_and_body
{
    const string Secret = "whsec_test";
    const string Body = """{"id":"evt_1","type":"payment_intent.succeeded"}""";

    static string Header => Given.StripeHeader(Secret, Body, Given.Now);

    static string? Reason(string header, string body = Body, DateTimeOffset? now = null) => Given.Reason(Given.Stripe, Given.Headers(("Stripe-Signature", header)), body, Secret, now);

    [Fact]
    public void What_fits_is_its_own() => Assert.Null(Reason(Header));

    [Fact]
    public void Parts_may_come_in_any_order_and_with_spaces()
    {
        var parts = Header.Split(',');
        Assert.Null(Reason($"{parts[2]}, {parts[1]} , {parts[0]}"));
        Assert.Null(Reason($"{parts[1]},{parts[0]},x=y"));
    }

    [Fact]
    public void One_of_several_signatures_is_enough()
    {
        var parts = Header.Split(',');
        var other = "v1=" + new string('0', 64);
        Assert.Null(Reason($"{parts[0]},{other},{parts[1]}"));
        Assert.Null(Reason($"{parts[0]},{parts[1]},{other}"));
        Assert.Equal("mismatch", Reason($"{parts[0]},{other},{other}"));
        Assert.Null(Reason($"{parts[0]},v1=cut short,{parts[1]}"));
    }

    [Fact]
    public void A_changed_body_time_or_secret_does_not_fit()
    {
        Assert.Equal("mismatch", Reason(Header, Body + " "));
        Assert.Equal("mismatch", Reason(Header.Replace("t=1760000000", "t=1760000001", StringComparison.Ordinal)));
        Assert.Equal("mismatch", Given.Reason(Given.Stripe, Given.Headers(("stripe-signature", Header)), Body, "whsec_other"));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(300, null)]
    [InlineData(301, "too_old")]
    [InlineData(86_400, "too_old")]
    [InlineData(-300, null)]
    [InlineData(-301, "too_new")]
    public void It_holds_for_five_minutes_both_ways(int age, string? reason) => Assert.Equal(reason, Reason(Header, now: Given.Now.AddSeconds(age)));

    [Fact]
    public void A_trigger_may_give_it_another_time()
    {
        var verification = Given.Stripe with { ToleranceMs = 10_000 };
        Assert.Null(Given.Reason(verification, Given.Headers(("stripe-signature", Header)), Body, Secret, Given.Now.AddSeconds(10)));
        Assert.Equal("too_old", Given.Reason(verification, Given.Headers(("stripe-signature", Header)), Body, Secret, Given.Now.AddSeconds(11)));
    }

    [Fact]
    public void No_truncation_of_the_header_fits()
    {
        for (var length = 0; length < Header.IndexOf(",v0", StringComparison.Ordinal); length++)
            Assert.Contains(Reason(Header[..length]), new[] { "missing", "malformed", "mismatch", "too_old" });
    }

    [Theory]
    [InlineData("v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd")]
    [InlineData("t=1760000000")]
    [InlineData("t=1760000000,v0=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd")]
    [InlineData("t=1760000000,t=1760000000,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd")]
    [InlineData("t=-1760000000,v1=00")]
    [InlineData("t=1e9,v1=00")]
    [InlineData("t=99999999999999999999,v1=00")]
    [InlineData("t=1760000000,v1=zz")]
    [InlineData("t=1760000000;v1=00")]
    [InlineData(",,,")]
    [InlineData("=")]
    public void What_has_not_its_form_is_malformed(string header) => Assert.Equal("malformed", Reason(header));

    [Fact]
    public void A_header_that_is_there_twice_is_believed_neither_time() =>
        Assert.Equal("repeated", Given.Reason(Given.Stripe, Given.Headers(("stripe-signature", Header), ("stripe-signature", Header)), Body, Secret));

    [Fact]
    public void Without_the_header_there_is_nothing_to_believe() => Assert.Equal("missing", Given.Reason(Given.Stripe, new HeaderDictionary(), Body, Secret));

    [Fact]
    public void While_a_secret_is_changed_both_hold()
    {
        var headers = Given.Headers(("stripe-signature", Header));
        Assert.Null(Given.Reason(Given.Stripe, headers, Body, ["whsec_new", Secret]));
        Assert.Null(Given.Reason(Given.Stripe, headers, Body, [Secret, "whsec_new"]));
        Assert.Equal("mismatch", Given.Reason(Given.Stripe, headers, Body, ["whsec_new"]));
        Assert.Equal("mismatch", Given.Reason(Given.Stripe, headers, Body, []));
    }
}
