using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Messaging.Patterns.Packages.Tests.PublicApi;

/// <summary>Members as C# declares them.</summary>
internal static class ApiMembers
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static string Constructor(ConstructorInfo constructor) =>
        $"{ApiTypes.Attributes(constructor)}{Access(constructor)}{constructor.DeclaringType!.Name.Split('`')[0]}({Parameters(constructor)})";

    public static string Method(MethodInfo method)
    {
        var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(ApiTypes.Name))}>" : "";
        var result = ApiTypes.Name(method.ReturnType, Of(method.ReturnParameter));
        return $"{ApiTypes.Attributes(method)}{Access(method)}{Modifiers(method)}{result} {method.Name}{generic}({Parameters(method)}){ApiTypes.Constraints(method.GetGenericArguments())}";
    }

    public static string Property(PropertyInfo property, Func<MethodBase, bool> isVisible)
    {
        var getter = property.GetMethod is { } get && isVisible(get) ? "get; " : "";
        var setter = property.SetMethod is { } set && isVisible(set) ? (IsInit(set) ? "init; " : "set; ") : "";
        var accessor = (property.GetMethod ?? property.SetMethod)!;
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        var name = property.GetIndexParameters().Length == 0 ? property.Name : $"this[{Parameters(accessor)}]";
        return $"{ApiTypes.Attributes(property)}{Access(accessor)}{Modifiers(accessor)}{required}{ApiTypes.Name(property.PropertyType, Of(property))} {name} {{ {getter}{setter}}}";
    }

    public static string Field(FieldInfo field) =>
        $"{ApiTypes.Attributes(field)}{(field.IsPublic ? "public " : "protected ")}{FieldModifiers(field)}{ApiTypes.Name(field.FieldType, Of(field))} {field.Name}{Constant(field)}";

    public static string Event(EventInfo raised) =>
        $"{ApiTypes.Attributes(raised)}{Access(raised.AddMethod!)}{Modifiers(raised.AddMethod!)}event {ApiTypes.Name(raised.EventHandlerType!)} {raised.Name}";

    private static string Access(MethodBase method) => method.DeclaringType!.IsInterface && method.IsPublic ? "" : method.IsPublic ? "public " : "protected ";

    private static string Modifiers(MethodInfo method) => method switch
    {
        { IsStatic: true } => "static ",
        { DeclaringType: { } type } when type.IsAssignableTo(typeof(Delegate)) => "",
        { DeclaringType.IsInterface: true } => method.IsAbstract ? "" : "virtual ",
        { IsAbstract: true } => "abstract ",
        _ when method.GetBaseDefinition() != method => "override ",
        { IsVirtual: true, IsFinal: false } => "virtual ",
        _ => "",
    };

    private static string FieldModifiers(FieldInfo field) => field switch
    {
        { IsLiteral: true } => "const ",
        { IsStatic: true, IsInitOnly: true } => "static readonly ",
        { IsStatic: true } => "static ",
        { IsInitOnly: true } => "readonly ",
        _ => "",
    };

    private static string Constant(FieldInfo field) => field.IsLiteral ? $" = {Value(field.GetRawConstantValue(), field.FieldType)}" : "";

    private static string Parameters(MethodBase method)
    {
        var extends = method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "";
        return extends + string.Join(", ", method.GetParameters().Select(Parameter));
    }

    private static string Parameter(ParameterInfo parameter)
    {
        var prefix = parameter switch
        {
            { IsOut: true } => "out ",
            { IsIn: true, ParameterType.IsByRef: true } => "in ",
            { ParameterType.IsByRef: true } => "ref ",
            _ when parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) => "params ",
            _ => "",
        };
        var value = parameter.HasDefaultValue ? $" = {Value(parameter.RawDefaultValue, parameter.ParameterType)}" : "";
        return $"{prefix}{ApiTypes.Name(parameter.ParameterType, Of(parameter))} {parameter.Name}{value}";
    }

    private static string Value(object? value, Type type) => value switch
    {
        null => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ when type.IsEnum => $"{type.Name}.{Enum.ToObject(type, value)}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static bool IsInit(MethodInfo setter) => setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static NullabilityInfo Of(ParameterInfo parameter) => Nullability.Create(parameter);

    private static NullabilityInfo Of(PropertyInfo property) => Nullability.Create(property);

    private static NullabilityInfo Of(FieldInfo field) => Nullability.Create(field);
}
