using System.Security.Cryptography;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using ReactorJobs.Hosting.Configuration;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Hosting.Modules;
using ReactorJobs.Ingress.Gateway;
using ReactorJobs.Ingress.Health;
using ReactorJobs.Ingress.Orgs;
using ReactorJobs.Ingress.RateLimits;
using ReactorJobs.Ingress.Schema;
using ReactorJobs.Ingress.Secrets;
using ReactorJobs.Ingress.Tokens;
using ReactorJobs.Ingress.Webhooks;

namespace ReactorJobs.Ingress;

/// <summary>
/// Knows who calls, for every service of its host, and tells the world whether the host can serve; with a <see cref="GatewayOptions"/> it is the
/// way to services of other processes.
/// </summary>
public sealed class IngressModule : ServiceModule
{
    public override string Name => IngressDb.Name;

    public override Task Migrate(DatabaseOptions options, CancellationToken stop) =>
        DatabaseSetup.Migrate<IngressDb>(options, Name, db => new IngressDb(db), stop);

    public override void Configure(IServiceCollection services, ServiceProcess process)
    {
        services.AddSingleton(process.Settings.Secrets);
        services.AddSingleton(IngressOptions.From(process.Settings.Jobs));
        if (process.Settings.Suite is { Scheduler.Count: > 0 } suite)
            services.AddGateway(new(At(suite.Scheduler), At(suite.Executor), At(suite.Events)));

        static Uri[] At(IReadOnlyList<string> addresses) => [.. addresses.Select(x => new Uri(x))];
    }

    public override void AddServices(IServiceCollection services, DatabaseOptions database)
    {
        services.AddKeyedSingleton(Name, (_, _) => new ServiceDatabase(database, Name));
        services.AddSingleton(provider => new TokenCache(Time(provider)));
        services.AddSingleton(provider => new ServiceTokens(
            Database(provider), provider.GetRequiredService<TokenCache>(), provider.GetRequiredService<IdSource>(), Time(provider)));
        services.AddSingleton(provider => new OrgRegister(Database(provider), provider.GetRequiredService<ServiceTokens>(), Time(provider)));
        services.TryAddSingleton(new IngressOptions());
        services.AddSingleton<OrgRateLimits>();
        services.AddSingleton<TokenAuthentication>();
        services.AddSingleton<Authenticate>(provider => provider.GetRequiredService<TokenAuthentication>().Authenticate);
        services.TryAddSingleton(new SecretsSettings());
        services.AddSingleton(provider => new SecretCipher(provider.GetRequiredService<SecretsSettings>(), nonce => RandomNumberGenerator.Fill(nonce)));
        services.AddSingleton(provider => new SecretStore(Database(provider), provider.GetRequiredService<SecretCipher>(), Time(provider)));
        services.AddWebhooks(Database);
        services.AddSingleton(provider => new SecretRotation(
            Database(provider), provider.GetRequiredService<SecretCipher>(), Time(provider), provider.GetRequiredService<ILogger<SecretRotation>>()));
    }

    public override void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapTokens();
        endpoints.MapOrgs();
        endpoints.MapSecrets();
        endpoints.MapWebhooks();
        endpoints.MapInstallationHealth();
        if (endpoints.ServiceProvider.GetService<GatewayOptions>() is not null)
            endpoints.MapGateway();
    }

    public override Task Start(IServiceProvider services, CancellationToken stop)
    {
        services.GetRequiredService<SecretRotation>().Start();
        services.StartWebhooks();
        return Task.CompletedTask;
    }

    public override async Task Stop(IServiceProvider services, CancellationToken stop)
    {
        await services.GetRequiredService<SecretRotation>().Stop();
        await services.StopWebhooks();
    }

    static ServiceDatabase Database(IServiceProvider services) => services.GetRequiredKeyedService<ServiceDatabase>(IngressDb.Name);

    static TimeProvider Time(IServiceProvider services) => services.GetRequiredService<TimeProvider>();
}
