using System.Reflection;
using System.Runtime.CompilerServices;

namespace Messaging.Patterns.Packages.Tests.PublicApi;

/// <summary>Types as C# writes them.</summary>
internal static class ApiTypes
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(short)] = "short",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(double)] = "double",
    };

    public static string Declaration(Type type)
    {
        var bases = new List<string>();

        if (type is { IsClass: true, BaseType: { } parent } && parent != typeof(object) && !type.IsAssignableTo(typeof(Delegate)))
        {
            bases.Add(Name(parent));
        }

        if (!type.IsEnum)
        {
            bases.AddRange(OwnInterfaces(type).Select(Name).Order(StringComparer.Ordinal));
        }

        var suffix = bases.Count == 0 ? "" : $" : {string.Join(", ", bases)}";
        return $"{Attributes(type)}public {Modifiers(type)}{Kind(type)} {FullName(type)}{suffix}{Constraints(type.GetGenericArguments())}";
    }

    public static string Name(Type type) => Name(type, null);

    /// <summary>Writes a type with its question marks.</summary>
    public static string Name(Type type, NullabilityInfo? nullability)
    {
        if (type.IsByRef)
        {
            return Name(type.GetElementType()!, nullability);
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return $"{Name(underlying)}?";
        }

        var mark = CanBeMarked(type) && nullability is { ReadState: NullabilityState.Nullable } or { WriteState: NullabilityState.Nullable } ? "?" : "";

        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!, nullability?.ElementType)}[]{mark}";
        }

        if (Keywords.TryGetValue(type, out var keyword))
        {
            return keyword + mark;
        }

        var arguments = type.GetGenericArguments().Select((argument, index) => Name(argument, nullability?.GenericTypeArguments.ElementAtOrDefault(index)));
        var name = type.Name.Split('`')[0];
        return (type is { IsNested: true, IsGenericParameter: false } ? $"{Name(type.DeclaringType!)}.{name}" : name) + (type.IsGenericType ? $"<{string.Join(", ", arguments)}>" : "") + mark;
    }

    public static string Constraints(IEnumerable<Type> parameters) => string.Concat(parameters.Where(parameter => parameter.IsGenericParameter).Select(Constraint));

    public static string Attributes(MemberInfo member) =>
        member.GetCustomAttribute<ObsoleteAttribute>() is { } obsolete && !IsForOldCompilers(member) ? $"[Obsolete(\"{obsolete.Message}\")] " : "";

    /// <summary>What the compiler adds to constructors of types with required members.</summary>
    private static bool IsForOldCompilers(MemberInfo member) => member.IsDefined(typeof(CompilerFeatureRequiredAttribute));

    /// <summary>A bare type parameter may be nullable because of its argument alone; reflection cannot tell.</summary>
    private static bool CanBeMarked(Type type) => !type.IsValueType && !type.IsGenericParameter;

    private static string Constraint(Type parameter)
    {
        var flags = parameter.GenericParameterAttributes;
        var parts = new List<string>();

        if (flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
        {
            parts.Add("struct");
        }
        else if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
        {
            parts.Add("class");
        }

        parts.AddRange(parameter.GetGenericParameterConstraints().Where(type => type != typeof(ValueType)).Select(Name));

        if (flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
        {
            parts.Add("new()");
        }

        return parts.Count == 0 ? "" : $" where {parameter.Name} : {string.Join(", ", parts)}";
    }

    private static string FullName(Type type) => $"{type.Namespace}.{Name(type)}";

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } when type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic) is not null => "record struct",
        { IsValueType: true } => "struct",
        _ when type.IsAssignableTo(typeof(Delegate)) => "delegate",
        _ when type.GetMethod("<Clone>$") is not null => "record",
        _ => "class",
    };

    private static string Modifiers(Type type) => type switch
    {
        { IsAbstract: true, IsSealed: true } => "static ",
        { IsAbstract: true, IsInterface: false } => "abstract ",
        { IsValueType: true, IsEnum: false } when type.IsDefined(typeof(IsReadOnlyAttribute)) => "readonly ",
        { IsSealed: true, IsClass: true } when !type.IsAssignableTo(typeof(Delegate)) => "sealed ",
        _ => "",
    };

    private static IEnumerable<Type> OwnInterfaces(Type type)
    {
        var all = type.GetInterfaces();
        return all.Where(one => one.IsVisible && !all.Any(other => other != one && other.IsAssignableTo(one)) && type.BaseType?.IsAssignableTo(one) != true);
    }
}
