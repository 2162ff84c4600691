using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ReactorJobs.Hosting.Identity;

/// <summary>What a caller has to be allowed for an endpoint, such as <c>job-definitions:read</c>; part of the API's description.</summary>
public sealed record Permission(string Name);

public static class Permissions
{
    public static TBuilder Needs<TBuilder>(this TBuilder builder, string permission) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new Permission(permission)).WithDescription($"Permission: `{permission}`.");
}
