using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Retry;

namespace ShakenFist.Blobs.FreshProcess;

/// <summary>The effect of another module with newer versions of the same assemblies.</summary>
internal static class Neighbours
{
    /// <summary>Creates an HttpClient factory and runs a retry policy twice.</summary>
    public static string Use()
    {
        using ServiceProvider services = new ServiceCollection().AddHttpClient().BuildServiceProvider();
        using HttpClient client = services.GetRequiredService<IHttpClientFactory>().CreateClient();
        int runs = 0;
        ResiliencePipeline pipeline = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 2, Delay = TimeSpan.Zero }).Build();
        pipeline.Execute(() =>
        {
            if (++runs < 3)
            {
                throw new InvalidOperationException("Failed.");
            }
        });

        // The old interface is in another assembly with the same name as that of the module.
        Policy.Handle<InvalidOperationException>().Retry(1).Execute(() => runs++);
        return $"{runs} runs, Polly {typeof(Policy).Assembly.GetName().Version?.Major}, Microsoft.Extensions.Http {typeof(IHttpClientFactory).Assembly.GetName().Version?.Major}";
    }
}
