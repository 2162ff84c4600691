using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;

namespace ReactorJobs.Executor.HttpHandlers;

/// <summary>
/// Lets an HTTP handler write for its one attempt. The token names what it is for and is signed with this start's key: nothing is stored,
/// and a token dies with the process, as the attempt does.
/// </summary>
public sealed class CallbackTokens(byte[] key)
{
    public string For(RunKey run, int epoch)
    {
        var claim = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{run.Run}/{epoch}/{run.OrgId}"));
        return $"{Base64Url.EncodeToString(claim)}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, claim))}";
    }

    public (RunKey Run, int Epoch)? Read(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 2 || !Base64Url.IsValid(parts[0]) || !Base64Url.IsValid(parts[1]))
            return null;
        var claim = Base64Url.DecodeFromChars(parts[0]);
        if (!CryptographicOperations.FixedTimeEquals(Base64Url.DecodeFromChars(parts[1]), HMACSHA256.HashData(key, claim)))
            return null;
        var fields = Encoding.UTF8.GetString(claim).Split('/', 3);
        return RunId.TryParse(fields[0], out var run) ? (new(fields[2], run), int.Parse(fields[1], CultureInfo.InvariantCulture)) : null;
    }
}
