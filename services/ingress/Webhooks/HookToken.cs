using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ReactorJobs.Ingress.Webhooks;

/// <summary>The part of an address that nobody can guess: <c>whk_</c> and 256 random bits in base64url. Only its hash is kept.</summary>
public static class HookToken
{
    const string Prefix = "whk_";
    const int RandomBytes = 32;
    static readonly int Length = Prefix.Length + Base64Url.GetEncodedLength(RandomBytes);

    public static string New(Action<byte[]> fillRandom)
    {
        var bytes = new byte[RandomBytes];
        fillRandom(bytes);
        return Prefix + Base64Url.EncodeToString(bytes);
    }

    /// <summary>Anything else is looked up nowhere.</summary>
    public static bool IsPlausible(string token) =>
        token.Length == Length && token.StartsWith(Prefix, StringComparison.Ordinal) && token.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    public static byte[] Hash(string token) => SHA256.HashData(Encoding.ASCII.GetBytes(token));
}
