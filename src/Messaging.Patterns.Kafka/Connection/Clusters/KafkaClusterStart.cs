using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Connection.Clusters;

/// <summary>Lets the start of the application validate the options of its clusters with names; the options' name is the cluster's.</summary>
internal sealed class KafkaClusterStart
{
    internal sealed class Validator(IServiceProvider application) : IValidateOptions<KafkaClusterStart>
    {
        public ValidateOptionsResult Validate(string? name, KafkaClusterStart options)
        {
            try
            {
                application.GetRequiredKeyedService<KafkaClusterServices>(name).Provider.GetService<IStartupValidator>()?.Validate();
                return ValidateOptionsResult.Success;
            }
            catch (OptionsValidationException exception)
            {
                return Fail(name, exception.Failures);
            }
            catch (AggregateException exception)
            {
                // Several options have faults.
                return Fail(name, exception.InnerExceptions.SelectMany(one => one is OptionsValidationException { Failures: var failures } ? failures : [one.Message]));
            }
        }

        private static ValidateOptionsResult Fail(string? name, IEnumerable<string> failures) =>
            ValidateOptionsResult.Fail(failures.Select(failure => $"Kafka cluster '{name}': {failure}"));
    }
}
