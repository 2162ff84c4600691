using System.Net;
using System.Net.Http.Headers;

namespace ReactorJobs.Cli.Connection;

/// <summary>A packed bundle on its way out, which tells how much of it has gone.</summary>
sealed class UploadContent : HttpContent
{
    const int Piece = 64 << 10;

    readonly byte[] archive;
    readonly Action<int> sent;

    public UploadContent(byte[] archive, Action<int> sent)
    {
        (this.archive, this.sent) = (archive, sent);
        Headers.ContentType = new MediaTypeHeaderValue("application/gzip");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        for (var at = 0; at < archive.Length;)
        {
            var piece = archive.AsMemory(at, Math.Min(Piece, archive.Length - at));
            await stream.WriteAsync(piece, cancellationToken);
            sent(at += piece.Length);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = archive.Length;
        return true;
    }
}
