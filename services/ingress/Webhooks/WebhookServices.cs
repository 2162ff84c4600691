using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Ingress.Orgs;
using ReactorJobs.Ingress.Secrets;
using ReactorJobs.Ingress.Webhooks.Deliveries;

namespace ReactorJobs.Ingress.Webhooks;

/// <summary>What the ingress is made of where it is called from outside.</summary>
static class WebhookServices
{
    public static void AddWebhooks(this IServiceCollection services, Func<IServiceProvider, ServiceDatabase> database)
    {
        services.AddSingleton(x => new DefaultOrg(database(x), x.GetRequiredService<IngressOptions>()));
        services.AddSingleton(x => new HookStore(database(x)));
        services.AddSingleton(x => new HookSecrets(
            x.GetRequiredService<SecretStore>(), x.GetRequiredService<SecretCipher>(), x.GetRequiredService<IngressOptions>(), Environment.GetEnvironmentVariable));
        services.AddSingleton<HookCache>().AddSingleton<HookRegister>().AddSingleton<HookEndpoints>();
        services.AddSingleton<WebhookStarts>().AddSingleton<WebhookIntake>().AddSingleton<WebhookEndpoints>();
        services.AddSingleton(x => new DeliveryStore(database(x)));
        services.AddSingleton<RefusalAllowance>().AddSingleton<DeliveryLog>().AddSingleton<DeliveryRetention>().AddSingleton<DeliveryEndpoints>();
    }

    public static void MapWebhooks(this IEndpointRouteBuilder endpoints)
    {
        endpoints.ServiceProvider.GetRequiredService<HookEndpoints>().Map(endpoints);
        endpoints.ServiceProvider.GetRequiredService<WebhookEndpoints>().Map(endpoints);
        endpoints.ServiceProvider.GetRequiredService<DeliveryEndpoints>().Map(endpoints);
    }

    public static void StartWebhooks(this IServiceProvider services) => services.GetRequiredService<DeliveryRetention>().Start();

    /// <summary>Writes what is in the log's groups before it ends.</summary>
    public static async Task StopWebhooks(this IServiceProvider services)
    {
        await services.GetRequiredService<DeliveryRetention>().Stop();
        await services.GetRequiredService<DeliveryLog>().DisposeAsync();
    }
}
