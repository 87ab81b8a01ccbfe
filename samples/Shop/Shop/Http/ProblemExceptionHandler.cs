using Messaging.Patterns;
using Messaging.Patterns.EventSourcing;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace Shop.Http;

/// <summary>Answers what the shop and the event store refuse as problem details (RFC 9457).</summary>
internal sealed class ProblemExceptionHandler(IProblemDetailsService problems) : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (Status(exception) is not { } status)
        {
            return ValueTask.FromResult(false);
        }

        httpContext.Response.StatusCode = status;

        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            httpContext.Response.Headers.RetryAfter = "1";
        }

        return problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            Exception = exception,
            ProblemDetails = new ProblemDetails { Status = status, Detail = Explain(exception) },
        });
    }

    private static int? Status(Exception exception) => exception switch
    {
        ShopException { Error: ShopError.Invalid } => StatusCodes.Status400BadRequest,
        ShopException { Error: ShopError.NotFound } => StatusCodes.Status404NotFound,
        ShopException { Error: ShopError.Conflict } or StreamConflictException => StatusCodes.Status409Conflict,
        ShopException { Error: ShopError.NotYet } or MessagingException { IsTransient: true } => StatusCodes.Status503ServiceUnavailable,
        _ => null,
    };

    private static string Explain(Exception exception) => exception is AppendOutcomeUnknownException
        ? $"It is not known yet whether the command was carried out. Send it again with the same {IdempotencyKey.Header}: it is never carried out twice."
        : exception.Message;
}
