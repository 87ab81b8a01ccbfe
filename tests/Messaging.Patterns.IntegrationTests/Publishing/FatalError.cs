using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;

namespace Messaging.Patterns.IntegrationTests.Publishing;

/// <summary>Makes a producer fail for good, with librdkafka's own hook for tests, which Confluent.Kafka does not expose.</summary>
internal static class FatalError
{
    private static readonly string[] Names = ["librdkafka", "alpine-librdkafka", "centos8-librdkafka"];

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Cause(nint client, int error, [MarshalAs(UnmanagedType.LPStr)] string reason);

    public static void CauseAt(KafkaProducer producer)
    {
        var client = (IClient)producer.Producer!;
        var handle = (SafeHandle)typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(client.Handle)!;
        var cause = Marshal.GetDelegateForFunctionPointer<Cause>(NativeLibrary.GetExport(Load(), "rd_kafka_test_fatal_error"));
        Assert.Equal(0, cause(handle.DangerousGetHandle(), (int)ErrorCode.OutOfOrderSequenceNumber, "a test"));
    }

    private static nint Load()
    {
        foreach (var name in Names)
        {
            if (NativeLibrary.TryLoad(name, typeof(Handle).Assembly, null, out var library))
            {
                return library;
            }
        }

        throw new DllNotFoundException(string.Join(", ", Names));
    }
}
