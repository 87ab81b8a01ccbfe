using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Messaging.Patterns.Packages.Tests.PublicApi;

/// <summary>Writes down what users of an assembly can name, in the form of C# declarations and in an order that does not depend on the source.</summary>
internal static class ApiText
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();

        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(ApiTypes.Declaration(type)).Append('\n');

            foreach (var member in Members(type).Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(member).Append('\n');
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), null)}");
        }

        // The one method that can be called on a delegate is its declaration.
        return type.IsAssignableTo(typeof(Delegate))
            ? [ApiMembers.Method(type.GetMethod("Invoke")!)]
            : type.GetMembers(Declared).Select(Member).OfType<string>();
    }

    private static string? Member(MemberInfo member) => member switch
    {
        ConstructorInfo constructor when IsVisible(constructor) && !IsGenerated(constructor) => ApiMembers.Constructor(constructor),
        MethodInfo method when IsVisible(method) && !method.IsSpecialName && !IsGenerated(method) => ApiMembers.Method(method),
        MethodInfo method when IsVisible(method) && method.Name.StartsWith("op_", StringComparison.Ordinal) && !IsGenerated(method) => ApiMembers.Method(method),
        PropertyInfo property when property.GetAccessors(nonPublic: true).Any(IsVisible) && property.Name != "EqualityContract" => ApiMembers.Property(property, IsVisible),
        FieldInfo { IsSpecialName: false } field when field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly => ApiMembers.Field(field),
        EventInfo { AddMethod: { } adder } raised when IsVisible(adder) => ApiMembers.Event(raised),
        _ => null,
    };

    private static bool IsVisible(MethodBase method) => method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && !method.DeclaringType!.IsSealed);

    /// <summary>What the compiler writes for a record follows from the word "record".</summary>
    private static bool IsGenerated(MethodBase method) => method.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);
}
