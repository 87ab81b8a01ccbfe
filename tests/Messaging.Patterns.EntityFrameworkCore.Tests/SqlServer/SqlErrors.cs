using System.Reflection;
using Microsoft.Data.SqlClient;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.SqlServer;

/// <summary>Errors as SqlClient throws them, which has no public way to make one.</summary>
internal static class SqlErrors
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic;

    public static SqlException Of(int number, string message = "The server says so.")
    {
        var errors = (SqlErrorCollection)Activator.CreateInstance(typeof(SqlErrorCollection), nonPublic: true)!;
        var make = typeof(SqlError).GetConstructors(Hidden).OrderBy(one => one.GetParameters().Length).First();
        var error = make.Invoke([.. make.GetParameters().Select((parameter, place) => Value(parameter, place == 0 ? number : 0, message))]);
        typeof(SqlErrorCollection).GetMethod("Add", Hidden)!.Invoke(errors, [error]);
        var create = typeof(SqlException).GetMethods(Hidden).Where(method => method.Name == "CreateException").OrderBy(one => one.GetParameters().Length)
            .First(method => method.GetParameters()[0].ParameterType == typeof(SqlErrorCollection));
        return (SqlException)create.Invoke(null, [errors, .. create.GetParameters().Skip(1).Select(parameter => Value(parameter, 0, "16.0"))])!;
    }

    private static object? Value(ParameterInfo parameter, int number, string text) => parameter.ParameterType switch
    {
        { } type when type == typeof(int) => number,
        { } type when type == typeof(uint) => 0u,
        { } type when type == typeof(byte) => (byte)16,
        { } type when type == typeof(string) => text,
        { IsValueType: true } type => Activator.CreateInstance(type),
        _ => null,
    };
}
