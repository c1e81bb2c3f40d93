using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Retry;

namespace ShakenFist.Blobs.FreshProcess;

/// <summary>What another module does with its own, newer copies of the assemblies.</summary>
internal static class Neighbours
{
    /// <summary>Makes an HttpClient factory and lets a retry repeat something twice.</summary>
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
                throw new InvalidOperationException("Once more.");
            }
        });

        // The old interface lives in another assembly of the same name as the module's.
        Policy.Handle<InvalidOperationException>().Retry(1).Execute(() => runs++);
        return $"{runs} runs, Polly {typeof(Policy).Assembly.GetName().Version?.Major}, Microsoft.Extensions.Http {typeof(IHttpClientFactory).Assembly.GetName().Version?.Major}";
    }
}
