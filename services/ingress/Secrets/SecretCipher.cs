using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using ReactorJobs.Hosting.Configuration;

namespace ReactorJobs.Ingress.Secrets;

/// <summary>A secret as it is stored. The ciphertext ends with the tag.</summary>
public sealed record SealedSecret(string KeyId, byte[] Nonce, byte[] Ciphertext);

/// <summary>
/// AES-256-GCM under the installation's key. Org and path are associated data, so that a stored secret opens for its own org and name only.
/// A key's id is the beginning of its hash: it tells keys apart and says nothing about them.
/// </summary>
/// <param name="fill">Fills a nonce with random bytes, each time others.</param>
public sealed class SecretCipher(SecretsSettings settings, Action<byte[]> fill)
{
    const int NonceBytes = 12;
    const int TagBytes = 16;
    const int IdBytes = 8;

    readonly byte[]? current = settings.Key is null ? null : Convert.FromBase64String(settings.Key);
    readonly Dictionary<string, byte[]> keys = settings.PreviousKeys.Append(settings.Key).OfType<string>().Select(Convert.FromBase64String).DistinctBy(IdOf).ToDictionary(IdOf);

    /// <summary>Null without a key: nothing can be sealed then.</summary>
    public string? CurrentKeyId => current is null ? null : IdOf(current);

    public IEnumerable<string> KeyIds => keys.Keys;

    [MemberNotNullWhen(true, nameof(CurrentKeyId))]
    public bool CanSeal => current is not null;

    /// <exception cref="InvalidOperationException">There is no key.</exception>
    public SealedSecret Seal(string orgId, string path, string value)
    {
        if (current is null)
            throw new InvalidOperationException("Without a key no secret can be sealed.");
        var nonce = new byte[NonceBytes];
        fill(nonce);
        var text = Encoding.UTF8.GetBytes(value);
        var ciphertext = new byte[text.Length + TagBytes];
        using var aes = new AesGcm(current, TagBytes);
        aes.Encrypt(nonce, text, ciphertext.AsSpan(0, text.Length), ciphertext.AsSpan(text.Length), AssociatedData(orgId, path));
        return new(IdOf(current), nonce, ciphertext);
    }

    /// <summary>False when its key is not here, or it was sealed for something else or changed since.</summary>
    public bool TryOpen(string orgId, string path, SealedSecret secret, [NotNullWhen(true)] out string? value)
    {
        value = null;
        if (!keys.TryGetValue(secret.KeyId, out var key) || secret.Nonce.Length != NonceBytes || secret.Ciphertext.Length < TagBytes)
            return false;
        var text = new byte[secret.Ciphertext.Length - TagBytes];
        try
        {
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(secret.Nonce, secret.Ciphertext.AsSpan(0, text.Length), secret.Ciphertext.AsSpan(text.Length), text, AssociatedData(orgId, path));
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        value = Encoding.UTF8.GetString(text);
        return true;
    }

    // Neither an org nor a path has a line end in it.
    static byte[] AssociatedData(string orgId, string path) => Encoding.UTF8.GetBytes($"{orgId}\n{path}");

    static string IdOf(byte[] key) => Convert.ToHexStringLower(SHA256.HashData(key).AsSpan(0, IdBytes));
}
