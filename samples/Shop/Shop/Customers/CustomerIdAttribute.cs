using System.ComponentModel.DataAnnotations;

namespace Shop.Customers;

/// <summary>Says that a text must be a customer id.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class CustomerIdAttribute : RegularExpressionAttribute
{
    /// <summary>Initializes the attribute.</summary>
    public CustomerIdAttribute()
        : base("^[a-z0-9][a-z0-9-]{0,39}$") =>
        ErrorMessage = "A customer id has 1 to 40 lower-case letters, digits and dashes.";
}
