using System.Security.Cryptography;
using ReactorJobs.Hosting.Configuration;

namespace ReactorJobs.Embedded;

/// <summary>The key that secrets are encrypted under where none is configured, in a file that only its owner reads.</summary>
static class DevSecretKey
{
    public const string FileName = "secret-key";

    const int KeyBytes = 32;

    /// <summary>
    /// The settings with a key in them: the configured one, else the file's, which is made if it is missing. A file's key beside a configured one
    /// still opens what was encrypted before there was one.
    /// </summary>
    /// <exception cref="CannotStart">The file holds something else than a key.</exception>
    public static async Task<SecretsSettings> Ensure(string data, SecretsSettings settings)
    {
        var path = Path.Combine(data, FileName);
        var known = await PrivateFile.Read(path);
        if (known is not null && !IsKey(known))
            throw new CannotStart($"{path} is damaged: it must hold {KeyBytes} bytes in Base64. Put the key back from a copy; a new one cannot open the secrets that are stored.");
        if (settings.Key is not null)
            return known is null ? settings : settings with { PreviousKeys = [.. settings.PreviousKeys, known] };
        if (known is null)
        {
            known = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));
            await PrivateFile.Write(path, known);
        }

        return settings with { Key = known };
    }

    static bool IsKey(string text) => Convert.TryFromBase64String(text, new byte[text.Length], out var bytes) && bytes == KeyBytes;
}
