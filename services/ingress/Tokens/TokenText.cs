using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ReactorJobs.Ingress.Tokens;

/// <summary>A service token as its holder sees it: <c>rjs_</c> and 256 random bits in base64url. Only its hash is kept.</summary>
public static class TokenText
{
    const string Prefix = "rjs_";
    const int RandomBytes = 32;

    /// <summary>Operators may register a token of their own making for an embedded host; longer than this nothing is hashed.</summary>
    const int Longest = 256;

    public static string New(Action<byte[]> fillRandom)
    {
        var bytes = new byte[RandomBytes];
        fillRandom(bytes);
        return Prefix + Base64Url.EncodeToString(bytes);
    }

    /// <summary>Whether it can be a token at all: visible ASCII, as a header carries it.</summary>
    public static bool IsPlausible(ReadOnlySpan<char> token)
    {
        if (token.Length is 0 or > Longest)
            return false;
        foreach (var c in token)
            if (c is <= ' ' or > '~')
                return false;
        return true;
    }

    public static byte[] Hash(ReadOnlySpan<char> token)
    {
        Span<byte> utf8 = stackalloc byte[Longest];
        return SHA256.HashData(utf8[..Encoding.ASCII.GetBytes(token, utf8)]);
    }

    /// <summary>The token of an Authorization header; false when there is none of the scheme Bearer that can be one.</summary>
    public static bool TryReadBearer(string header, out ReadOnlySpan<char> token)
    {
        const string scheme = "Bearer ";
        token = default;
        if (!header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        token = header.AsSpan(scheme.Length).Trim(' ');
        return IsPlausible(token);
    }
}
