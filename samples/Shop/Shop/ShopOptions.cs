namespace Shop;

/// <summary>The configuration section <c>Shop</c>.</summary>
public sealed class ShopOptions
{
    /// <summary>Gets or sets the roles of this process, such as <c>write,listen</c>.</summary>
    public ShopRoles Roles { get; set; } = ShopRoles.All;

    /// <summary>Gets or sets what the names of topics and consumer groups begin with. Shops with different prefixes share a Kafka and nothing else.</summary>
    public string Prefix { get; set; } = "shop.";

    /// <summary>Gets or sets the folder of the SQLite files. The shop's processes on one machine share it.</summary>
    public string Data { get; set; } = "data";

    /// <summary>Gets or sets the connection string of the PostgreSQL database that holds the tables, which processes on any machines share. Empty for a SQLite file in <see cref="Data"/>.</summary>
    public string Database { get; set; } = "";

    /// <summary>Gets or sets the name of this process among those that share the folder. Each keeps the events that it decides on in a file of its own.</summary>
    public string Instance { get; set; } = "shop";

    /// <summary>Gets or sets how long a query waits for the position that it asks for; then the answer is 503, and the caller asks again.</summary>
    public TimeSpan WaitAtMost { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets the address that the page sends commands to, where this process does not write itself.</summary>
    public string WriteAddress { get; set; } = "";

    /// <summary>Gets or sets the address of the page whose commands a process takes that does not serve the page itself.</summary>
    public string PageAddress { get; set; } = "";

    /// <summary>Gets the topic of the customer service: the streams of all accounts.</summary>
    public string AccountsTopic => $"{Prefix}accounts";

    /// <summary>Gets the topic of the order service: the streams of all orders.</summary>
    public string OrdersTopic => $"{Prefix}orders";

    /// <summary>Gets the topic of the orders to the shop's consumer groups.</summary>
    public string ControlTopic => $"{Prefix}control";

    /// <summary>Returns whether this process has a role.</summary>
    public bool Has(ShopRoles role) => (Roles & role) != 0;

    /// <summary>Returns the path of a file in the data folder.</summary>
    public string PathOf(string file) => Path.GetFullPath(Path.Combine(Data, file));
}
