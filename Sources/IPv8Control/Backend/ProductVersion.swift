/// The release that this code is.
public enum ProductVersion {
  public static let current = "0.1.0"
}
