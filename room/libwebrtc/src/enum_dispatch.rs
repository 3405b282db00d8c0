//! The macro by which `livekit` forwards methods of an enum to its variants.

/// Writes methods of an enum that call the method of the same name on whatever variant is there.
///
/// `enum_dispatch!([A, B]; pub fn id(self: &Self) -> String;)`
#[macro_export]
macro_rules! enum_dispatch {
    ($variants:tt; $($vis:vis fn $name:ident $arguments:tt -> $output:ty;)+) => {
        $($crate::enum_dispatch!(@method $variants $vis fn $name $arguments -> $output);)+
    };
    (@method $variants:tt $vis:vis fn $name:ident
        ($this:ident: $this_type:ty $(, $argument:ident: $type:ty)*) -> $output:ty) => {
        /// Asks whichever variant is there.
        #[inline]
        $vis fn $name($this: $this_type $(, $argument: $type)*) -> $output {
            $crate::enum_dispatch!(@call $variants $this $name ($($argument),*))
        }
    };
    (@call [$($variant:ident),+] $this:ident $name:ident $arguments:tt) => {
        match $this { $(Self::$variant(inner) => inner.$name $arguments,)+ }
    };
}
