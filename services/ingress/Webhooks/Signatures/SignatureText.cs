using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace ReactorJobs.Ingress.Webhooks.Signatures;

/// <summary>The small parts that signatures' headers are made of.</summary>
static class SignatureText
{
    /// <summary>More than any sender needs while it changes its secret.</summary>
    public const int MostSignatures = 20;

    /// <summary>The value of a header that is there once: of two, a proxy before this one may have believed the other.</summary>
    public static SignatureFault? One(IHeaderDictionary headers, string name, out string value)
    {
        var values = headers[name];
        value = values.Count == 1 ? values[0] ?? "" : "";
        return values.Count > 1 ? SignatureFault.Repeated(name) : value.Length == 0 ? SignatureFault.Missing(name) : null;
    }

    /// <summary>Unix seconds.</summary>
    public static bool TryTime(ReadOnlySpan<char> text, out long time) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out time) & text.Length <= 12;

    public static byte[]? Hex(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length / 2];
        return text.Length % 2 == 0 && Convert.FromHexString(text, bytes, out _, out var written) == OperationStatus.Done && written == bytes.Length ? bytes : null;
    }

    public static byte[]? Base64(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64Chars(text, bytes, out var written) ? bytes[..written] : null;
    }
}
